"""Who goes on which institution's list, and in which format."""
