"""What is measured, and the records of it."""
