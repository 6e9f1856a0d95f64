"""What labelling rules look at: a candidate's sentence with its parts told apart, parsed by none."""
