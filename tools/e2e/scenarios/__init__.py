"""What is to be true of the deployed stack, one module for each story."""
