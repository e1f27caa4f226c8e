"""Runs as one page of HTML: read from their folders, pictures and curves put in. Needs no TensorFlow.

reading.py says what is there and what is wrong with it, the other modules turn a part of it into data for the page, and
page.py writes the page; report.html, the style sheet and the scripts beside it show it.
"""
