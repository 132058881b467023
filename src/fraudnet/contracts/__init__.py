"""What each table is: names, types, units and bounds. Computes nothing."""
