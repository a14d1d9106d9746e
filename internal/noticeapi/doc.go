// Package noticeapi has the endpoints of channels, rules, silences, alerts and messages. It decodes, asks and encodes: reads
// come from the state, and requests do the writes.
package noticeapi
