// Package layers holds no code, only the tests that prove the plan of the house, which is plan_test.go: imports go down,
// each foreign engine has one room, and pure packages are pure (layers_test.go); nothing is too big (size_test.go);
// encoding a value does not change it (fields_test.go). A new package or library needs a row in the tables of
// plan_test.go.
package layers
