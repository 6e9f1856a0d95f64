"""What labelling rules look at: a candidate's sentence, its parts told apart without a parse."""
