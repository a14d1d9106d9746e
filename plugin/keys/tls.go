package keys

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"dkron/plugin"
)

// TLS is how the other side proves itself, and this one.
type TLS struct {
	NoVerify      bool
	Cert, Key, CA string // files, empty: none
}

// Stamp shows whether a file has changed.
type Stamp struct {
	modified int64 // Unix time in nanoseconds
	size     int64
}

var errHalfCertificate = errors.New("tlsCertificateFile and tlsCertificateKeyFile must be set together")

// TLS returns the keys of TLS. noVerify is the name of the key that turns the check of the other side off.
func (c *Config) TLS(noVerify string) TLS {
	t := TLS{NoVerify: c.Bool(noVerify, false), Cert: c.values["tlsCertificateFile"], Key: c.values["tlsCertificateKeyFile"], CA: c.values["tlsRootCAsFile"]}
	if (t.Cert == "") != (t.Key == "") {
		set, other := "tlsCertificateFile", "tlsCertificateKeyFile"
		if t.Cert == "" {
			set, other = other, set
		}
		c.Fault(set, plugin.Odd, errHalfCertificate, "is set without %s, so every execution fails; set both or none", other)
	}
	return t
}

// IsZero reports whether nothing is set.
func (t TLS) IsZero() bool { return t == TLS{} }

// Stamps returns the stamps of the files, so that a connection made with others is not used any more. Every named file
// must exist.
func (t TLS) Stamps() ([3]Stamp, error) {
	var all [3]Stamp
	for i, file := range [3]string{t.Cert, t.Key, t.CA} {
		var err error
		if all[i], err = StampOf(file); err != nil {
			return all, fmt.Errorf("TLS file: %w", err)
		}
	}
	return all, nil
}

// StampOf returns the stamp of a file; that of no file is zero.
func StampOf(file string) (Stamp, error) {
	if file == "" {
		return Stamp{}, nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return Stamp{}, err
	}
	return Stamp{info.ModTime().UnixNano(), info.Size()}, nil
}

// TooLarge reports whether the file has more bytes.
func (s Stamp) TooLarge(bytes int64) bool { return s.size > bytes }

// Config reads the files. Every named file must be usable: nothing is sent with less protection than the job requires.
func (t TLS) Config() (*tls.Config, error) {
	config := &tls.Config{InsecureSkipVerify: t.NoVerify} //nolint:gosec // what the job asks for
	if (t.Cert == "") != (t.Key == "") {
		return nil, errHalfCertificate
	}
	if t.Cert != "" {
		pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, fmt.Errorf("TLS client certificate: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fmt.Errorf("TLS root certificates: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("TLS root certificates: no certificate in %s", t.CA)
		}
	}
	return config, nil
}
