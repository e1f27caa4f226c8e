"""What a run says of itself while it trains: cheap checks of what is generated, and a verdict from their series.

checks.py measures, rules.py judges.
"""
