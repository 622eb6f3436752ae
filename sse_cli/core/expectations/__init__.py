"""What is expected of a run: the words for it, and whether it holds, told as soon as it can be."""
