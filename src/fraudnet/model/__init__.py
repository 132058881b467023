"""From features and labels to a calibrated model with its evaluation and its card."""
