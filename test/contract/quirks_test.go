package contract

func missingQuirks() []string { return nil }
