package httpapi

import (
	"context"
	"net/http"

	"dkron/internal/plugins"
	"dkron/internal/respond"
)

// Plugins asks nodes about their plugins; see plugins.Surveyor.
type Plugins interface {
	Survey(ctx context.Context, node string) (*plugins.Survey, error)
	Restart(ctx context.Context, node string, r plugins.Restart) (*plugins.Row, error)
}

func (a *api) getPlugins(w http.ResponseWriter, r *http.Request) error {
	survey, err := a.Plugins.Survey(r.Context(), r.URL.Query().Get("node"))
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, survey)
}

func (a *api) restartPlugin(w http.ResponseWriter, r *http.Request) error {
	row, err := a.Plugins.Restart(r.Context(), r.PathValue("node"), plugins.Restart{Kind: r.PathValue("kind"), Name: r.PathValue("name")})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, row)
}
