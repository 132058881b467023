"""Who reviews what, and what was decided: queue, locks, drafts, signatures, second readings."""
