def migrate(cr, version):
    """Keep the owner of an indicator in each company that the owner works in."""
    cr.execute(
        """
        ALTER TABLE service_quality_indicator RENAME COLUMN owner_id TO owner_before;
        ALTER TABLE service_quality_indicator ADD COLUMN owner_id jsonb;
        UPDATE service_quality_indicator
           SET owner_id = (SELECT jsonb_object_agg(cid::text, owner_before)
                             FROM res_company_users_rel
                            WHERE user_id = owner_before)
         WHERE owner_before IS NOT NULL;
        ALTER TABLE service_quality_indicator DROP COLUMN owner_before;
        """
    )
