package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func channelCommand() *cobra.Command {
	return noticeGroup("channel", "Manage channels: ways to notify people",
		"A channel is a way to notify people: mail, a webhook, Slack and others. Rules and jobs name it.",
		func(k *noticeClient) []*cobra.Command {
			return []*cobra.Command{
				k.apply(), k.remove(), k.show(), k.tryChannel(),
				k.list("List all channels", column{"Name", "name"}, column{"Type", "type"}, column{"Sent", "stat.sent"}, column{"Failed", "stat.failed"},
					column{"Last error", "stat.last_error"}),
			}
		})
}

func (k *noticeClient) tryChannel() *cobra.Command {
	return k.one("test NAME", "Send a message through a channel, on the way that all take", func(c *cobra.Command, name string) error {
		text, err := k.ask(c, "POST", k.at(name)+"/test", nil)
		if err != nil {
			return err
		}
		var m struct{ State, Error string }
		if err := json.Unmarshal(text, &m); err != nil {
			return err
		}
		switch m.State {
		case "sent":
			c.PrintErrf("Message sent through channel %s\n", name)
			return nil
		case "waiting":
			return errors.New("the message has not been sent yet; dkron message list shows what comes of it")
		}
		return errors.New(m.Error)
	})
}

func ruleCommand() *cobra.Command {
	return noticeGroup("rule", "Manage rules: what people are notified of",
		"A rule says what people are notified of, for which jobs, and through which channels.",
		func(k *noticeClient) []*cobra.Command {
			return []*cobra.Command{
				k.apply(), k.remove(), k.show(),
				k.list("List all rules", column{"Name", "name"}, column{"On", "on"}, column{"Jobs", "match.jobs"}, column{"Channels", "channels"},
					column{"Severity", "severity"}, column{"Disabled", "disabled"}),
			}
		})
}

func silenceCommand() *cobra.Command {
	return noticeGroup("silence", "Manage silences: times in which rules notice nothing",
		"A silence is for maintenance: what happens to its jobs while it holds is not reported, not afterwards either.",
		func(k *noticeClient) []*cobra.Command {
			return []*cobra.Command{
				k.addSilence(),
				k.one("end NUMBER", "End a silence before its time", func(c *cobra.Command, number string) error {
					if _, err := k.ask(c, "DELETE", k.at(number), nil); err != nil {
						return err
					}
					c.PrintErrf("Silence %s ended\n", number)
					return nil
				}),
				k.list("List all silences, newest first", column{"Number", "number"}, column{"Jobs", "match.jobs"}, column{"From", "from"}, column{"Until", "until"},
					column{"By", "created_by"}, column{"Reason", "reason"}),
			}
		})
}

func (k *noticeClient) addSilence() *cobra.Command {
	type match struct {
		Jobs     []string          `json:"jobs,omitempty"`
		Owner    string            `json:"owner,omitempty"`
		Tags     map[string]string `json:"tags,omitempty"`
		Metadata map[string]string `json:"metadata,omitempty"`
	}
	body := struct {
		Match    match  `json:"match"`
		From     string `json:"from,omitempty"`
		Until    string `json:"until,omitempty"`
		Duration string `json:"duration,omitempty"`
		Reason   string `json:"reason"`
	}{}
	c := &cobra.Command{
		Use: "add", Short: "Silence rules about some jobs for a time",
		Long:    "Silences rules about the jobs that fit all of --job, --owner, --tag and --metadata; without any of them, about all jobs.\n\n" + aboutNotices,
		Example: "  dkron silence add --job='backup-*' --duration=2h --reason='the disk is replaced'",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			text, err := k.ask(c, "POST", k.path, body)
			if err != nil {
				return err
			}
			var s struct {
				Number uint64
				Until  string
			}
			if err := json.Unmarshal(text, &s); err != nil {
				return err
			}
			c.PrintErrf("Silence %d holds until %s\n", s.Number, s.Until)
			_, err = fmt.Fprintln(c.OutOrStdout(), s.Number)
			return err
		},
	}
	f := c.Flags()
	f.StringArrayVar(&body.Match.Jobs, "job", nil, "Pattern of names, such as backup-*; may be repeated")
	f.StringVar(&body.Match.Owner, "owner", "", "Owner of the jobs")
	f.StringToStringVar(&body.Match.Tags, "tag", nil, "Tag of the jobs, key=value; may be repeated")
	f.StringToStringVar(&body.Match.Metadata, "metadata", nil, "Metadata of the jobs, key=value; may be repeated")
	f.StringVar(&body.From, "from", "", "When it begins, such as 2026-12-01T22:00:00Z. Default: now")
	f.StringVar(&body.Until, "until", "", "When it ends, such as 2026-12-02T06:00:00Z")
	f.StringVar(&body.Duration, "duration", "", "How long it holds, such as 2h, instead of --until")
	f.StringVar(&body.Reason, "reason", "", "Why, for whoever finds it (required)")
	return c
}

func alertCommand() *cobra.Command {
	return noticeGroup("alert", "See and acknowledge open alerts",
		"An alert is a problem that a rule has noticed and that is not over: the job has not succeeded since.",
		func(k *noticeClient) []*cobra.Command {
			note := ""
			ack := k.one("ack NUMBER", "Acknowledge an alert: there are no more reminders of it", func(c *cobra.Command, number string) error {
				if _, err := k.ask(c, "POST", k.at(number)+"/ack", map[string]string{"note": note}); err != nil {
					return err
				}
				c.PrintErrf("Alert %s acknowledged\n", number)
				return nil
			})
			ack.Flags().StringVar(&note, "note", "", "A note for others")
			return []*cobra.Command{
				ack,
				k.list("List open alerts", column{"Number", "number"}, column{"Severity", "severity"}, column{"Job", "job"}, column{"Event", "event"},
					column{"Since", "since"}, column{"Count", "count"}, column{"Acknowledged by", "acked_by"}, column{"Reason", "reason"}),
			}
		})
}

func objectiveCommand() *cobra.Command {
	return noticeGroup("objective", "See how jobs meet their objectives",
		"An objective is what people expect of a job, such as a deadline. It is written into the job.",
		func(k *noticeClient) []*cobra.Command {
			list := k.list("List the objectives of all jobs, worst first", column{"State", "state"}, column{"Job", "job"}, column{"Objective", "objective"},
				column{"Expected", "expected"}, column{"Since", "since"}, column{"Breaks at", "breaks_at"}, column{"Reason", "reason"})
			list.Flags().String("state", "", "Only those in this state: broken, at_risk, met or unknown")
			list.Flags().String("job", "", "Only those of this job")
			return []*cobra.Command{list}
		})
}

func messageCommand() *cobra.Command {
	return noticeGroup("message", "See what was sent to whom, and send it again",
		"A message is what rules have noticed, as a channel sends it, or a notice that the settings' mail or webhook could not send. Messages are kept for 7 days, at most 10,000 of each.",
		func(k *noticeClient) []*cobra.Command {
			list := k.list("List messages", column{"Number", "number"}, column{"At", "at"}, column{"Channel", "channel"}, column{"State", "state"},
				column{"Total", "total"}, column{"First", "items.title"}, column{"Error", "error"})
			list.Flags().String("channel", "", "Only those of this channel")
			list.Flags().String("state", "", "Only those in this state: waiting, sent or failed")
			return []*cobra.Command{
				list, k.show(),
				k.one("resend NUMBER", "Send a message again, under its number", func(c *cobra.Command, number string) error {
					if _, err := k.ask(c, "POST", k.at(number)+"/resend", nil); err != nil {
						return err
					}
					c.PrintErrf("Message %s will be sent again\n", number)
					return nil
				}),
			}
		})
}
