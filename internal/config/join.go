package config

import "log/slog"

// Joins reports whether the settings name other nodes to join.
func (c *Config) Joins() bool { return len(c.RetryJoin)+len(c.Join) > 0 }

// JoinAddrs returns the addresses of those nodes, with templates evaluated but names not resolved. An entry that can't
// be evaluated on this machine now is logged and left out.
func (c *Config) JoinAddrs(log *slog.Logger) (addrs []string) {
	list, flag := c.RetryJoin, "--retry-join"
	if len(list) == 0 {
		list, flag = c.Join, "--join"
	}
	for _, entry := range list {
		addr, err := thisMachine{}.Expand(entry)
		if err != nil {
			log.Warn("an entry of "+flag+" can't be resolved", "entry", entry, "error", err)
			continue
		}
		addrs = append(addrs, addr)
	}
	return addrs
}
