package dkron

// RestorePlan is what a restore would do: names of jobs, parents before their children.
type RestorePlan struct {
	Create    []string
	Update    []string
	Unchanged []string
}
