"""A gazette file to its notices and clauses, with offsets into the file."""
