"""Everything that makes pixels for people."""
