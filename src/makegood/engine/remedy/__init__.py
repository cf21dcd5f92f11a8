"""From a verdict to what is owed: fees, amounts, credits under their limits, rights."""
