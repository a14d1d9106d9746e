package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	neturl "net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

const aboutNotices = `The secret of a token is read from the file that --token-file names, else from ` + tokenVariable + `; it is only needed if the nodes run
with --acl-enabled.

` + aboutRPCAddr

// noticeClient is what the commands about notifications have in common. what is the thing that they are about.
type noticeClient struct {
	client
	what, path string
}

func noticeGroup(what, short, long string, below func(k *noticeClient) []*cobra.Command) *cobra.Command {
	k := &noticeClient{what: what, path: "/v1/" + what + "s"}
	c := group(what, short, long+"\n\n"+aboutNotices, below(k)...)
	k.flags(c)
	return c
}

// ask sends a request and returns the answer, or why there is none.
func (k *noticeClient) ask(c *cobra.Command, method, path string, body any) ([]byte, error) {
	status, text, err := k.send(c, method, path, body)
	if err == nil && (status < 200 || status > 299) {
		if text = bytes.TrimSpace(text); len(text) == 0 {
			text = fmt.Appendf(nil, "the server answered with status %d", status)
			if status == 404 {
				text = []byte("not found")
			}
		}
		err = errors.New(string(text))
	}
	return text, err
}

func (k *noticeClient) at(name string) string { return k.path + "/" + neturl.PathEscape(name) }

// one is a command about one thing.
func (k *noticeClient) one(use, short string, do func(c *cobra.Command, name string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Long: short + ".\n\n" + aboutNotices,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return &usageError{c.CommandPath(), fmt.Errorf("%s takes one argument: %s", c.CommandPath(), strings.TrimPrefix(use, c.Name()+" "))}
			}
			if err := do(c, args[0]); err != nil {
				return fmt.Errorf("%s %s: %w", k.what, args[0], err)
			}
			return nil
		},
	}
}

// column is a column of a table: its heading, and the path of its value in an answer.
type column struct{ title, path string }

func (k *noticeClient) list(short string, columns ...column) *cobra.Command {
	output, limit := "", 0
	c := &cobra.Command{
		Use: "list", Short: short, Long: short + ".\n\n" + aboutNotices, Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "table" && output != "json" {
				return &usageError{c.CommandPath(), fmt.Errorf("--output %q is unknown; use table or json", output)}
			}
			query := neturl.Values{}
			if limit > 0 {
				query.Set("_end", fmt.Sprint(limit))
			}
			for _, name := range []string{"channel", "state"} {
				if f := c.Flags().Lookup(name); f != nil && f.Value.String() != "" {
					query.Set(name, f.Value.String())
				}
			}
			text, err := k.ask(c, "GET", k.path+"?"+query.Encode(), nil)
			if err != nil {
				return err
			}
			if output == "json" {
				return indented(c.OutOrStdout(), text)
			}
			return table(c.OutOrStdout(), text, columns)
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "table", "How to print it: table or json")
	if k.what == "alert" || k.what == "message" {
		c.Flags().IntVar(&limit, "limit", 50, "How many to list, newest first; 0: as many as the server gives")
	}
	return c
}

func indented(w io.Writer, text []byte) error {
	var out bytes.Buffer
	if err := json.Indent(&out, bytes.TrimSpace(text), "", "  "); err != nil {
		return fmt.Errorf("the answer is not JSON: %w", err)
	}
	_, err := fmt.Fprintln(w, out.String())
	return err
}

func table(w io.Writer, text []byte, titles []column) error {
	var list []map[string]any
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	if err := in.Decode(&list); err != nil {
		return fmt.Errorf("the answer is not a list: %w", err)
	}
	var head []string
	for _, t := range titles {
		head = append(head, t.title)
	}
	lines := [][]string{head}
	for _, one := range list {
		var line []string
		for _, t := range titles {
			line = append(line, cell(one, strings.Split(t.path, ".")))
		}
		lines = append(lines, line)
	}
	return columns(w, lines...)
}

// cell returns the value at a path as a cell of a table. Of a list it has all, of a list of objects the value of the first.
func cell(v any, path []string) string {
	switch v := v.(type) {
	case map[string]any:
		if len(path) > 0 {
			return cell(v[path[0]], path[1:])
		}
	case []any:
		if len(path) > 0 && len(v) > 0 {
			return cell(v[0], path)
		}
		var all []string
		for _, one := range v {
			all = append(all, cell(one, nil))
		}
		return strings.Join(all, ",")
	case nil:
		return ""
	}
	return strings.Join(strings.Fields(fmt.Sprint(v)), " ")
}

func (k *noticeClient) show() *cobra.Command {
	return k.one("show "+k.argument(), "Print a "+k.what+" as JSON", func(c *cobra.Command, name string) error {
		text, err := k.ask(c, "GET", k.at(name), nil)
		if err != nil {
			return err
		}
		return indented(c.OutOrStdout(), text)
	})
}

func (k *noticeClient) argument() string {
	if k.what == "channel" || k.what == "rule" {
		return "NAME"
	}
	return "NUMBER"
}

func (k *noticeClient) remove() *cobra.Command {
	short := "Delete a " + k.what
	if k.what == "channel" {
		short += " that no rule names"
	}
	return k.one("delete NAME", short, func(c *cobra.Command, name string) error {
		if _, err := k.ask(c, "DELETE", k.at(name), nil); err != nil {
			return err
		}
		c.PrintErrf("%s %s deleted\n", k.title(), name)
		return nil
	})
}

func (k *noticeClient) title() string { return strings.ToUpper(k.what[:1]) + k.what[1:] }

func (k *noticeClient) apply() *cobra.Command {
	file := ""
	c := &cobra.Command{
		Use: "apply", Short: "Create or replace " + k.what + "s from a file",
		Long: fmt.Sprintf(`Creates or replaces what a file has: one %[1]s as JSON, or a list of them, each with its name. dkron %[1]s show and dkron %[1]s list
--output=json print such files; what the server adds is ignored. It ends at the first one that is refused: those before it are applied.

%[2]s`, k.what, aboutNotices),
		Example: "  dkron " + k.what + " apply --file=" + k.what + "s.json\n  … | dkron " + k.what + " apply --file=-",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if file == "" {
				return &usageError{c.CommandPath(), errors.New("--file is required; - is the standard input")}
			}
			list, err := k.read(c, file)
			if err != nil {
				return fmt.Errorf("--file %s: %w", file, err)
			}
			for _, one := range list {
				if _, err := k.ask(c, "PUT", k.at(one.name), one.body); err != nil {
					return fmt.Errorf("%s %s: %w", k.what, one.name, err)
				}
				c.PrintErrf("%s %s applied\n", k.title(), one.name)
			}
			return nil
		},
	}
	c.Flags().StringVarP(&file, "file", "f", "", "File with them, in JSON; - is the standard input (required)")
	return c
}

type applied struct {
	name string
	body json.RawMessage
}

// read reads a file of things with names.
func (k *noticeClient) read(c *cobra.Command, file string) (all []applied, err error) {
	var data []byte
	if file == "-" {
		data, err = io.ReadAll(c.InOrStdin())
	} else {
		data, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, err
	}
	list := []json.RawMessage{data}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, err
		}
	}
	for i, one := range list {
		var named struct{ Name string }
		if err := json.Unmarshal(one, &named); err != nil {
			return nil, err
		}
		if named.Name == "" {
			return nil, fmt.Errorf("%s %d has no name", k.what, i+1)
		}
		all = append(all, applied{named.Name, one})
	}
	return all, nil
}
