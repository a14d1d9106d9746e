package config

import (
	"fmt"
	"strings"
)

// reservedTags are published by the node itself and say what it is: a user who could set them could make a node pose as
// a server. The tag role is not among them: it is dkron unless the user sets it.
var reservedTags = []string{"version", "server", "bootstrap", "expect", "port", "rpc_addr", "stopping", "dkron_cluster", "dkron_speaks"}

// mergeTags combines the settings tag and tags into Tags: the higher source wins as a whole, and tag within one source.
func (c *Config) mergeTags() error {
	if !c.tagWins() {
		return nil
	}
	tags := map[string]string{}
	for _, t := range c.tag {
		key, val, ok := strings.Cut(t, "=")
		key = strings.TrimSpace(key)
		if !ok || key == "" {
			return fmt.Errorf("%s: invalid tag: '%s'; write key=value", c.from["tag"].where, t)
		}
		tags[key] = val
	}
	c.Tags = tags
	return nil
}

func (c *Config) tagWins() bool {
	return len(c.tag) > 0 && c.from["tag"].level >= c.from["tags"].level
}

// replaceTags replaces the user's tags dc and region, which are flags of their own, and warns.
func (c *Config) replaceTags() (warnings []string) {
	for _, t := range []struct{ tag, flag, val string }{
		{"dc", "datacenter", c.Datacenter}, {"region", "region", c.Region},
	} {
		if _, ok := c.Tags[t.tag]; ok {
			delete(c.Tags, t.tag)
			warnings = append(warnings, fmt.Sprintf("tag %s is replaced by --%s, which is %q; set that instead",
				t.tag, t.flag, t.val))
		}
	}
	return warnings
}

func (c *Config) validateTags() (problems []error) {
	label := c.label("tags")
	if c.tagWins() {
		label = c.label("tag")
	}
	for _, key := range reservedTags {
		if _, ok := c.Tags[key]; ok {
			problems = append(problems, fmt.Errorf("%s: the tag %q is published by dkron itself; choose another name",
				label, key))
		}
	}
	if val, ok := c.Tags[""]; ok {
		problems = append(problems, fmt.Errorf("%s: invalid tag: '=%s'; a tag needs a key", label, val))
	}
	return problems
}
