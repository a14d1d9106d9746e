// Package layers holds no code, only the test that proves the plan of the house: imports go down, each foreign engine
// has one room, and what must be pure is. A new package or library needs a row in the tables of layers_test.go.
package layers
