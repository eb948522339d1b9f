"""An AWS account on this machine: moto's server, an overlay, and truths planted by seed."""
