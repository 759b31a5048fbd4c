"""One folder per kind of file; delete the folder and the kind is gone."""
