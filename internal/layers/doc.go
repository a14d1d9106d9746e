// Package layers holds no code, only the test that proves the plan of the house: imports go down, each foreign engine
// has one room, and pure packages are pure. A new package or library needs a row in the tables of plan_test.go.
package layers
