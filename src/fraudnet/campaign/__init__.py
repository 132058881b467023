"""The campaign: who looks at what by when, how far it is, how often flags are right, whom it harmed."""
