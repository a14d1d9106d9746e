// Package syslogtest starts rsyslog, as the distribution has it, for tests of what sends to a syslog daemon.
package syslogtest
