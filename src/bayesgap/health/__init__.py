"""Whether a result may be believed: PASS, REVIEW or FAIL, with figures."""
