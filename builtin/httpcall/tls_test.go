package httpcall_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func writePEM(t *testing.T, file, kind string, der []byte) {
	t.Helper()
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// clientCertificate writes a self-signed certificate and its key.
func clientCertificate(t *testing.T, certFile, keyFile, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, certFile, "CERTIFICATE", cert)
	writePEM(t, keyFile, "PRIVATE KEY", der)
}

// serveTLS answers with the name in the client's certificate.
func serveTLS(t *testing.T) *httptest.Server {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := "nobody"
		if len(r.TLS.PeerCertificates) > 0 {
			name = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		fmt.Fprint(w, r.Proto, " ", name)
	}))
	s.EnableHTTP2 = true
	s.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	s.Config.ErrorLog = nil
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func TestUnknownServerCertificateIsRefused(t *testing.T) {
	r := call(t, serveTLS(t).URL)
	if r.err != nil || !strings.Contains(r.Error, "tls: failed to verify certificate") {
		t.Fatalf("%+v %v", r.ExecuteResponse, r.err)
	}
	r = call(t, serveTLS(t).URL, "tlsNoVerifyPeer", "perhaps")
	if r.Error == "" || !strings.HasPrefix(r.output, "Warning: tlsNoVerifyPeer ") {
		t.Fatalf("%+v %v", r.ExecuteResponse, r.output)
	}
}

func TestVerificationCanBeSwitchedOff(t *testing.T) {
	r := call(t, serveTLS(t).URL, "tlsNoVerifyPeer", "true")
	wantError(t, r, "")
	if r.output != "HTTP/1.1 nobody" {
		t.Fatal(r.output)
	}
}

func TestRootCertificatesReplaceThoseOfTheSystem(t *testing.T) {
	s := serveTLS(t)
	file := filepath.Join(t.TempDir(), "ca.pem")
	writePEM(t, file, "CERTIFICATE", s.Certificate().Raw)
	wantError(t, call(t, s.URL, "tlsRootCAsFile", file), "")
}

func TestCertificatesAreReadAgainWhenTheyChange(t *testing.T) {
	s, e, dir := serveTLS(t), newExecutor(t), t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	do := func() result {
		return callWith(t, t.Context(), e, s.URL, "tlsNoVerifyPeer", "1", "tlsCertificateFile", cert,
			"tlsCertificateKeyFile", key)
	}
	for i, name := range []string{"first", "second"} {
		clientCertificate(t, cert, key, name)
		stamp := time.Now().Add(time.Duration(i) * time.Second) // two writes may share a tick of the file system
		if err := os.Chtimes(cert, stamp, stamp); err != nil {
			t.Fatal(err)
		}
		r := do()
		wantError(t, r, "")
		if r.output != "HTTP/1.1 "+name {
			t.Fatalf("%s: %s", name, r.output)
		}
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	wantConfigError(t, do(), "TLS file: stat "+key+": no such file or directory")
}

func TestTransportsAreBoundedAndTheUsedOnesStay(t *testing.T) {
	conns := make(map[string]bool)
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) { conns[r.RemoteAddr] = true })
	s, e, dir := serveTLS(t), newExecutor(t), t.TempDir()
	for i := range 250 {
		file := filepath.Join(dir, fmt.Sprint(i))
		writePEM(t, file, "CERTIFICATE", s.Certificate().Raw)
		wantError(t, callWith(t, t.Context(), e, url, "tlsRootCAsFile", file), "")
		wantError(t, callWith(t, t.Context(), e, url), "")
	}
	// One connection for each setting, and one for the setting that is used all the time.
	if len(conns) != 251 {
		t.Fatalf("%d connections", len(conns))
	}
}
