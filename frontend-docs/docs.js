/* Shows the description of the API that this host serves; sends no calls. */
"use strict";

window.addEventListener("load", function () {
    window.SwaggerUIBundle({
        url: "../api/openapi.yaml",
        dom_id: "#reader",
        deepLinking: true,
        docExpansion: "none",
        defaultModelsExpandDepth: 0,
        filter: true,
        supportedSubmitMethods: [],
        validatorUrl: null
    });
});
