// Serve runs the provider of package idp as a program, for tests of the page in a browser. It ends with its standard input.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"dkron/test/idp"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "where it listens")
	redirect := flag.String("redirect", "", "where browsers may come back")
	groups := flag.String("groups", "", "of the person, separated by commas")
	flag.Parse()
	p, err := idp.Start(*addr)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	p.Allow(*redirect)
	p.SetGroups(strings.Split(*groups, ",")...)
	fmt.Println(p.Issuer, p.ClientID)
	_, _ = io.Copy(io.Discard, os.Stdin)
	p.Close()
}
