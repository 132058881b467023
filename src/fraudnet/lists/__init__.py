"""Who stands on which institution's list, in which formats, and the check before anything is given out."""
