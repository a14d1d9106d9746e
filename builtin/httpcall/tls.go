package httpcall

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// stamps show whether the files of a setting have changed.
type stamps [3]stamp

type stamp struct {
	modified int64 // Unix time in nanoseconds
	size     int64
}

var errHalfCertificate = errors.New("tlsCertificateFile and tlsCertificateKeyFile must be set together")

func stampFiles(key tlsKey) (stamps, error) {
	var s stamps
	for i, file := range [3]string{key.cert, key.key, key.ca} {
		if file == "" {
			continue
		}
		info, err := os.Stat(file)
		if err != nil {
			return s, fmt.Errorf("TLS file: %w", err)
		}
		s[i] = stamp{info.ModTime().UnixNano(), info.Size()}
	}
	return s, nil
}

// loadTLS reads the files of a setting; each named file must be usable.
func loadTLS(key tlsKey) (*tls.Config, error) {
	config := &tls.Config{InsecureSkipVerify: key.noVerify} //nolint:gosec // what the job asks for
	if (key.cert == "") != (key.key == "") {
		return nil, errHalfCertificate
	}
	if key.cert != "" {
		pair, err := tls.LoadX509KeyPair(key.cert, key.key)
		if err != nil {
			return nil, fmt.Errorf("TLS client certificate: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	if key.ca != "" {
		pem, err := os.ReadFile(key.ca)
		if err != nil {
			return nil, fmt.Errorf("TLS root certificates: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("TLS root certificates: no certificate in %s", key.ca)
		}
	}
	return config, nil
}
