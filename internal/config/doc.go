// Package config turns flags, environment and file into one Config, from one table.
//
// The table is in table.go: a row per setting. From it come the command line flags (AddFlags), the environment names
// (DKRON_ and the name in capitals), the keys of the configuration file and the reference page (Doc). Load reads the
// sources in order of precedence: command line, environment, file, default. A Config is not changed after Load; a
// reload makes a new one.
package config
