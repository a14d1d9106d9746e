package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func docCommand() *cobra.Command {
	dir := "/tmp/dkrondoc/"
	c := &cobra.Command{
		Use:   "doc",
		Short: "Write a Markdown page for each command",
		Long: `Writes a Markdown page for each command, named after it, into a directory, which is created if needed. Each page begins
with the keys date, title, slug and url, as static site generators read them.`,
		Example: "  dkron doc --dir=site/content/cli",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := os.MkdirAll(dir, 0o777); err != nil { //nolint:gosec // the umask decides
				return fmt.Errorf("--dir: %w", err)
			}
			return writePages(c, c.Root(), dir, time.Now().UTC())
		},
	}
	c.Flags().StringVar(&dir, "dir", dir, "directory to write to")
	return c
}

// writePages writes the page of a command and of all commands below it.
func writePages(c, about *cobra.Command, dir string, now time.Time) error {
	name := filepath.Join(dir, slug(about)+".md")
	if err := os.WriteFile(name, page(about, now), 0o666); err != nil { //nolint:gosec // the umask decides
		return fmt.Errorf("--dir: %w", err)
	}
	if _, err := fmt.Fprintln(c.OutOrStdout(), "written:", name); err != nil {
		return err
	}
	for _, sub := range about.Commands() {
		if !sub.IsAvailableCommand() {
			continue
		}
		if err := writePages(c, sub, dir, now); err != nil {
			return err
		}
	}
	return nil
}

// slug is a command's name as one word.
func slug(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "_") }

func url(c *cobra.Command) string { return "/cli/" + slug(c) + "/" }

// page is a command's page. Cobra's own generator is not used: its package also generates manual pages, and would add
// their libraries to ours.
func page(c *cobra.Command, now time.Time) []byte {
	c.InitDefaultHelpFlag()
	var b bytes.Buffer
	say := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	say("---\ndate: %s\ntitle: %q\nslug: %s\nurl: %s\n---\n\n", now.Format(time.RFC3339), c.CommandPath(), slug(c), url(c))
	say("## %s\n\n%s\n\n", c.CommandPath(), c.Short)
	block := func(title, text string) {
		if text = strings.Trim(text, "\n"); text != "" {
			say("### %s\n\n```\n%s\n```\n\n", title, text)
		}
	}
	block("Synopsis", c.Long)
	if c.HasParent() {
		block("Usage", c.UseLine())
	}
	block("Examples", c.Example)
	block("Options", c.NonInheritedFlags().FlagUsages())
	block("Options of all commands below "+parentPath(c), c.InheritedFlags().FlagUsages())
	say("### See also\n\n")
	if c.HasParent() {
		say("* [%s](%s) - %s\n", c.Parent().CommandPath(), url(c.Parent()), c.Parent().Short)
	}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			say("* [%s](%s) - %s\n", sub.CommandPath(), url(sub), sub.Short)
		}
	}
	return b.Bytes()
}

func parentPath(c *cobra.Command) string {
	if !c.HasParent() {
		return ""
	}
	return c.Parent().CommandPath()
}
