"""The review console: web pages over the review, for one unit, on one machine or its own network."""
