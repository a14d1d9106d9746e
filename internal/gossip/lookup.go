package gossip

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	lookupLimit  = 5 * time.Second
	knockLimit   = 2 * time.Second // for a node to accept a connection
	knocksAtOnce = 32
)

// lookUp returns the addresses of entries, which are host or host:port, without this node's own. Names are resolved
// each time. named reports whether an entry names this node. Entries that can't be resolved are in the error.
func (p *Pool) lookUp(ctx context.Context, entries []string) (addrs []string, named bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	var errs []error
	for _, e := range entries {
		host, port, err := p.split(e)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		ips, err := p.ips(ctx, host)
		if err != nil {
			errs = append(errs, fmt.Errorf("look %s up: %w", host, err))
		}
		for _, ip := range ips {
			if p.self.is(ip.AsSlice(), port) {
				named = true
				continue
			}
			addrs = append(addrs, net.JoinHostPort(ip.String(), strconv.Itoa(int(port))))
		}
	}
	slices.Sort(addrs)
	return slices.Compact(addrs), named, errors.Join(errs...)
}

func (p *Pool) ips(ctx context.Context, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}, nil
	}
	ips, err := p.cfg.Lookup(ctx, host)
	for i := range ips {
		ips[i] = ips[i].Unmap()
	}
	return ips, err
}

// split reads host:port; without a port it is this node's own port number.
func (p *Pool) split(entry string) (host string, port uint16, err error) {
	bare := strings.TrimSuffix(strings.TrimPrefix(entry, "["), "]")
	if ip, err := netip.ParseAddr(bare); err == nil {
		return ip.String(), p.self.port, nil
	}
	if !strings.Contains(entry, ":") && entry != "" {
		return entry, p.self.port, nil
	}
	host, text, err := net.SplitHostPort(entry)
	if err != nil || host == "" {
		return "", 0, fmt.Errorf("%q is not host:port", entry)
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return "", 0, fmt.Errorf("%q has no valid port", entry)
	}
	return host, uint16(n), nil
}

// knock returns the addresses that accept a connection, and why the others don't. The library's join would wait for
// each host that is gone, one after the other.
func knock(ctx context.Context, addrs []string) (open []string, err error) {
	errs := make([]error, len(addrs))
	slots := make(chan struct{}, knocksAtOnce)
	var wg sync.WaitGroup
	for i, addr := range addrs {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			d := net.Dialer{Timeout: knockLimit}
			c, err := d.DialContext(ctx, "tcp", addr)
			if errs[i] = err; err == nil {
				_ = c.Close()
			}
		})
	}
	wg.Wait()
	for i, addr := range addrs {
		if errs[i] == nil {
			open = append(open, addr)
		}
	}
	return open, errors.Join(errs...)
}

// visit joins those of addrs that accept connections. It returns how many answered.
func (p *Pool) visit(ctx context.Context, addrs []string) (int, error) {
	open, err := knock(ctx, addrs)
	if len(open) == 0 {
		return 0, fmt.Errorf("join: %w", err)
	}
	return p.Join(open)
}
