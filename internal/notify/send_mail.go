package notify

import (
	"context"
	"errors"
	"strconv"

	"dkron"
	"dkron/internal/mail"
	"dkron/plugin"
)

var mailSchema = plugin.Schema{
	Description: "Sends each message by mail. Without host, the mail server of the servers' settings is used.",
	Properties: []plugin.Property{
		{Name: "to", Title: "To", Required: true, Description: "Whom to write to: addresses, separated by commas.", Examples: []string{"ops@example.com, Ann <ann@example.com>"}},
		{Name: "subject", Title: "Subject", Description: "A template of the subject; without it the message's title is used.", Advanced: true},
		{Name: "from", Title: "From", Description: "The sender. Without it the setting mail-from applies."},
		{Name: "host", Title: "Mail server", Description: "Its host. Without it the settings mail-host, mail-port, mail-username and mail-password apply."},
		{Name: "port", Title: "Port", Default: "587", Format: plugin.Integer, Description: "The port of the mail server."},
		{Name: "username", Title: "User name", Description: "To log in there."},
		{Name: "password", Title: "Password", Format: plugin.Password, Description: "To log in there, by reference.", Examples: []string{"${file:/etc/dkron/mail-password}"}},
		{Name: "ca_file", Title: "File of authorities", Advanced: true, Description: "A PEM file on the servers with the authorities that may have signed the mail server's certificate."},
	},
}

func sendMail(ctx context.Context, m *outgoing) error {
	s, own := &m.outbox.mail, m.settings
	server := mail.Server{Host: s.MailHost, Port: s.MailPort, Username: s.MailUsername, Password: s.MailPassword, From: s.MailFrom}
	if own["host"] != "" {
		port := 587
		if own["port"] != "" {
			n, err := strconv.Atoi(own["port"])
			if err != nil || n < 1 || n > 65535 {
				return refusal("settings.port is not a port")
			}
			port = n
		}
		server = mail.Server{Host: own["host"], Port: port, Username: own["username"], Password: own["password"], From: s.MailFrom}
	}
	server.CAFile = own["ca_file"]
	if own["from"] != "" {
		server.From = own["from"]
	}
	if server.Host == "" {
		return errors.New("settings.host is missing, and this server has no mail-host either")
	}
	to := addresses(own["to"])
	if len(to) == 0 {
		return refusal("settings.to has no address")
	}
	subject, err := m.subject()
	if err != nil {
		return err
	}
	body, err := m.body()
	if err != nil {
		return err
	}
	served := &m.outbox.served
	if to = served.left(m.ID, to); len(to) == 0 {
		return nil
	}
	err = mail.Send(ctx, server, mail.Message{ID: m.ID, To: to, Subject: cut(subject, 500), Text: body})
	if served.settles(m.ID, err) && err != nil {
		return partly{err}
	}
	return err
}

// Mail writes to addresses, separated by commas, through the mail server of the node's settings. id is the same in repeats, so that
// programs show them as one.
func (o *Outbox) Mail(ctx context.Context, to, id, subject, text string) error {
	m, ok := o.channels[dkron.ChannelMail].(*mailChannel)
	if !ok {
		return errors.New("this server has no mail-host")
	}
	return mail.Send(ctx, m.server, mail.Message{ID: id, To: addresses(to), Subject: m.prefix + subject, Text: text})
}
