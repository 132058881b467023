"""Models: learned, measured forward in time, put to the gate, watched."""
