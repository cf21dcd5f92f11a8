"""What makes facts provable: canonical bytes, a Merkle tree, signed heads, and bundles that others can check alone."""
