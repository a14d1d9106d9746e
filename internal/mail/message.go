package mail

import (
	"crypto/sha256"
	"encoding/hex"
	netmail "net/mail"
	"regexp"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// Message is what is sent.
type Message struct {
	// ID is the same for repetitions of a message, so that those who receive it can drop them. Empty: a new one.
	ID      string
	To      []string // addresses, each perhaps with a name
	Subject string
	Text    string
	HTML    string // optional, shown instead of Text by programs that can
}

// compose returns the message, to those who have an address.
func (m *Message) compose(from *netmail.Address, to []*netmail.Address) *gomail.Msg {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(from)
	msg.ToMailAddress(to...)
	msg.Subject(oneLine(m.Subject))
	msg.SetDate()
	if m.ID != "" {
		_, domain, _ := strings.Cut(from.Address, "@")
		msg.SetMessageIDWithValue(idPart(m.ID) + "@" + idPart(domain))
	}
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // nobody's absence note answers it (RFC 3834)
	msg.SetBodyString(gomail.TypeTextPlain, strings.ToValidUTF8(m.Text, "\ufffd"))
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, strings.ToValidUTF8(m.HTML, "\ufffd"))
	}
	return msg
}

// oneLine returns text as one line, so that nothing in it can be a header of its own.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\ufffd"), func(r rune) bool { return r < ' ' || r == 0x7f }), " ")
}

// plainID is what may stand on one side of the @ of a message's id, and is not too long for a line.
var plainID = regexp.MustCompile(`^[A-Za-z0-9_=-]+(\.[A-Za-z0-9_=-]+)*$`)

const maxID = 200

// idPart returns text as one side of a message's id: a digest of it if it can't be one.
func idPart(text string) string {
	if len(text) <= maxID && plainID.MatchString(text) {
		return text
	}
	digest := sha256.Sum256([]byte(text))
	return hex.EncodeToString(digest[:16])
}

// Addresses splits a list of addresses at its commas. wrong is the parts of it that are none.
func Addresses(list string) (right, wrong []string) {
	if all, err := netmail.ParseAddressList(list); err == nil { // a name in quotes may have a comma
		for _, a := range all {
			right = append(right, plainly(a))
		}
		return right, nil
	}
	for text := range strings.SplitSeq(list, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if _, err := netmail.ParseAddress(text); err != nil {
			wrong = append(wrong, text)
			continue
		}
		right = append(right, text)
	}
	return right, wrong
}

// plainly returns an address as people write it.
func plainly(a *netmail.Address) string {
	if a.Name != "" {
		return a.String()
	}
	return strings.TrimSuffix(strings.TrimPrefix(a.String(), "<"), ">")
}
