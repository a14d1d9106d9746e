// Package feed sends what happens to clients, as server-sent events: which of them a client wants, where it resumes, and
// how it learns that it has missed some.
package feed
