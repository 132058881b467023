"""What has moved since a model was trained: columns, scores, labels, and what became of those who were flagged."""
