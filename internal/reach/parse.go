package reach

import (
	"errors"
	"fmt"
	"net/netip"
)

// Words that the list of denied addresses may have.
const (
	LinkLocal = "link-local"
	Metadata  = "metadata"
	None      = "none" // alone: every address is called
)

const (
	aLinkLocal = "a link-local address"
	aMetadata  = "an address of cloud metadata"
)

// linkLocal is RFC 3927 and RFC 4291, section 2.5.6. Most clouds serve their metadata at 169.254.169.254.
var linkLocal = []string{"169.254.0.0/16", "fe80::/10"}

// metadata is where clouds serve an instance's metadata, with its credentials, at other addresses than link-local ones. Sources are the
// documentation of AWS ("Retrieve instance metadata"), Azure ("What is IP address 168.63.129.16?"), Oracle ("Retrieve Predefined Instance
// Metadata") and Akamai ("Metadata service API"), and cloud-init's data sources for Alibaba and Scaleway. That of EKS Pod
// Identity (fd00:ec2::23) and the IPv6 ones of Google and Oracle were not found there, only in several lists of such addresses.
var metadata = []string{
	"fd00:ec2::254", "fd00:ec2::23", // AWS
	"fd20:ce::254",                         // Google
	"168.63.129.16",                        // Azure
	"100.100.100.200", "fd00:100::100:200", // Alibaba
	"fd00:c1::a9fe:a9fe", "192.0.0.192", // Oracle
	"fd00:a9fe:a9fe::1", // Akamai
	"fd00:42::42",       // Scaleway
}

// standard is the policy without settings.
var standard = &Policy{deny: append(rules(linkLocal, aLinkLocal), rules(metadata, aMetadata)...)}

func rules(list []string, what string) (all []rule) {
	for _, text := range list {
		prefix, err := parse(text)
		if err != nil {
			panic("reach: " + err.Error()) // a wrong row; every test finds it
		}
		all = append(all, rule{prefix, what})
	}
	return all
}

// New returns the policy of two lists of addresses and prefixes. What allow has is called, whatever deny has. deny may have the words
// LinkLocal and Metadata too, or None alone; if it is empty, it has the first two. The errors are of these lists: they name each bad entry
// and what would be right.
func New(deny, allow []string) (p *Policy, badDeny, badAllow []error) {
	p = new(Policy)
	p.deny, badDeny = readDeny(deny)
	p.allow, badAllow = readAllow(allow)
	return p, badDeny, badAllow
}

func readDeny(list []string) (all []rule, problems []error) {
	if len(list) == 0 {
		return standard.deny, nil
	}
	for _, text := range list {
		switch text {
		case None:
			if len(list) > 1 {
				problems = append(problems, errors.New("none allows every address, so no other entry has an effect; write one or the other"))
			}
		case LinkLocal:
			all = append(all, rules(linkLocal, aLinkLocal)...)
		case Metadata:
			all = append(all, rules(metadata, aMetadata)...)
		default:
			prefix, err := parse(text)
			if err != nil {
				problems = append(problems, fmt.Errorf("want an address such as 10.0.0.7, a prefix such as 10.0.0.0/8, link-local, metadata or none: %w", err))
				continue
			}
			all = append(all, rule{prefix, "in " + prefix.String() + " of deny-addresses"})
		}
	}
	return all, problems
}

func readAllow(list []string) (all []netip.Prefix, problems []error) {
	for _, text := range list {
		prefix, err := parse(text)
		if err != nil {
			problems = append(problems, fmt.Errorf("want an address such as 169.254.169.123 or a prefix such as 169.254.169.0/24: %w", err))
			continue
		}
		all = append(all, prefix)
	}
	return all, problems
}

// parse reads an address or a prefix. One that means more than it seems to is refused.
func parse(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		if addr != addr.WithZone("") {
			return netip.Prefix{}, fmt.Errorf("%q has a zone; leave out what begins with %%", text)
		}
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return netip.Prefix{}, fmt.Errorf("%q is neither an address nor a prefix", text)
	case prefix.Addr().Is4In6():
		return netip.Prefix{}, fmt.Errorf("%q is of IPv4 addresses; write it as one, such as 10.0.0.0/8", text)
	case prefix != prefix.Masked():
		return netip.Prefix{}, fmt.Errorf("%q has bits set after its length; write %s for all of these, or %s", text, prefix.Masked(), prefix.Addr())
	}
	return prefix, nil
}
