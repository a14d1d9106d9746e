"use strict";

// Everything comes from the server that served the page; the Content-Security-Policy allows nothing else.
SwaggerUIBundle({
  url: "../v1/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  docExpansion: "list",
  filter: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
