"""The rows of docs/results.md: how each is made, what it gave, and the page that shows them."""
