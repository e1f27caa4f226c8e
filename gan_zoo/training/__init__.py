"""Training: the round, the loop around it, and the records that it leaves."""
